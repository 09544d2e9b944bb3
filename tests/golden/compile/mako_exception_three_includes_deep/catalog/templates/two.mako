

<%include file="three.mako"/>
