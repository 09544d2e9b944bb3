def states(ctx):
    ctx.state('a').cmd.run('x')
