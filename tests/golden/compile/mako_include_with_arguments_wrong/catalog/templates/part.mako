<%page args="port"/>
a: {fn: cmd.run, cmd: "${port}"}
