PORTS = [80, 443]
FIRST = PORTS[2]


def states(ctx):
    return {}
