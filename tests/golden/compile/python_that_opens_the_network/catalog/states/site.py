import socket
def states(ctx):
    socket.create_connection(('192.0.2.1', 80))
