def states(ctx):
    ctx.state('a').cmd.run(cmd='x')
    ctx.state('a').cmd.run(cmd='y')
