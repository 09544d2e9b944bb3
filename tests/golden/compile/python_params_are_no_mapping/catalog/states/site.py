_params = ['port']
def states(ctx):
    return {}
