def states(ctx):
    ctx.state('a').file(path='/a')
