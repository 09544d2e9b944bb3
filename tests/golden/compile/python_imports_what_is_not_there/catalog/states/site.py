import reqeusts
def states(ctx):
    return {}
