<%inherit file="two.mako"/>
${next.body()}
