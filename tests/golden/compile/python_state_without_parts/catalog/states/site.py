def states(ctx):
    ctx.state('a')
