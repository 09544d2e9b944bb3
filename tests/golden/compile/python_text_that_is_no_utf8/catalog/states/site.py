def states(ctx):
    return {'a': {'fn': 'cmd.run', 'cmd': '\udcff'}}
