def states(ctx):
    return {80: {'fn': 'cmd.run', 'cmd': 'x'}}
