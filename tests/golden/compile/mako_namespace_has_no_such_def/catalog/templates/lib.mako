<%def name="state(name)">
${name}: {fn: cmd.run, cmd: x}
</%def>
