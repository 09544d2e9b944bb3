def states(ctx):
    import datetime
    return {'a': {'fn': 'cmd.run', 'cmd': datetime.date(2026, 1, 1)}}
