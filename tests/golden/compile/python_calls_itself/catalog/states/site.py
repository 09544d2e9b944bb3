def more(n):
    return more(n + 1)


def states(ctx):
    return more(1)
