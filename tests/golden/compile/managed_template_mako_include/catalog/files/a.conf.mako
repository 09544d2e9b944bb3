one
<%include file="/parts/b.mako"/>
