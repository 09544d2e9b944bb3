import sys


def states(ctx):
    sys.exit('enough')
