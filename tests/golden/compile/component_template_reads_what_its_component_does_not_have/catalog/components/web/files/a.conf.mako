port ${vars.webb.port}
