<%inherit file="base.mako"/>
${self.body()}
