def states(ctx):
    ctx.state('a', probe={'new': {'exists': '/new'}}).cmd.run(cmd='x')
    if ctx.probe.new:
        ctx.state('b').cmd.run(cmd='y')
