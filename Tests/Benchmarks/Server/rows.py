"""Rows as Scripts/bench prints them."""


def row(name, ours, beside="", ratio="", aim=""):
    print(f"{name:<44} {ours:>14} {beside:>14} {ratio:>9}  {aim}", flush=True)


def verdict(reached, aim):
    return f"{aim}: {'reached' if reached else 'MISSED'}"


def ms(milliseconds):
    return f"{milliseconds:.2f} ms"
