def states(ctx):
    return {'a': {'fn': 'cmd.run', 'cmd': b'x'}}
