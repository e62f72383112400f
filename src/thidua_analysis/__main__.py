"""``python -m thidua_analysis`` is the command ``thidua``."""

from thidua_analysis.cli.app import main

if __name__ == "__main__":
    main()
