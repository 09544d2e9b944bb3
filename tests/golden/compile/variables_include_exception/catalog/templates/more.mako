# more
y: ${vars.nothing}
