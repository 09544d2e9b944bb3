def states(ctx):
    ctx.state(5).cmd.run(cmd='x')
