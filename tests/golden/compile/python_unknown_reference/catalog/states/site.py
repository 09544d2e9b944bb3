def states(ctx):
    ctx.state('a', requires=['b']).cmd.run(cmd='x')
