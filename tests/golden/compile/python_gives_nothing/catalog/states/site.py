def states(ctx):
    {'a': {'fn': 'cmd.run', 'cmd': 'x'}}
