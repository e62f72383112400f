"""``python -m thidua_analysis`` is the command ``thidua``."""

from thidua_analysis.cli import main

if __name__ == "__main__":
    main()
