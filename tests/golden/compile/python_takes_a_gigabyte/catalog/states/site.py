def states(ctx):
    return {'a': {'fn': 'cmd.run', 'cmd': 'x' * 2**30}}
