"""The administrator's pages: what is changed here is an act of the app that it belongs to."""
