def states(ctx):
    return {'a': {'fn': 'cmd.run', 'cmd': 'x'},
            'a': {'fn': 'cmd.run', 'cmd': 'y'}}
