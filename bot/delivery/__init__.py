"""The durable side of saying something: what was committed is sent, in order, until the channel has taken it."""
