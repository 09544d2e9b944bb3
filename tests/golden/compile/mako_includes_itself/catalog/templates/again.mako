<%include file="again.mako"/>
