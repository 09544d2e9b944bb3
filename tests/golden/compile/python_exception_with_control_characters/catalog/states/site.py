def states(ctx):
    raise ValueError('\x1b[2J gone\nsecond line')
