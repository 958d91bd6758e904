"""python -m samples.build."""

from samples.build import main

main()
