def states(ctx):
    ctx.state('a', requries=['b']).cmd.run(cmd='x')
