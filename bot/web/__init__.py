"""The web: pages to chat on and to read, and the ground the staff's console stands on. One ASGI application."""
