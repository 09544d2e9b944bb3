def states(ctx):
    return {'a': {'fn': 'cmd.run', 'cmd': ctx.vars.nme}}
