def states(ctx):
    return [{'fn': 'cmd.run', 'cmd': 'x'}]
