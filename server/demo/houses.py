"""The rows of houses of the demonstration's streets: width, height, wall, storeys, bays, shop."""

from server.demo.facades import HouseFront

NIGHT_HOUSES = tuple(
    HouseFront(
        width,
        height,
        wall,
        storeys=storeys,
        bays=bays,
        lit=0.42,
        shop=shop,
        frame=(0.30, 0.31, 0.34),
        glass=(0.17, 0.13, 0.11),
    )
    for width, height, wall, storeys, bays, shop in (
        (8.0, 10.0, (0.23, 0.25, 0.31), 3, 4, (0.14, 0.24, 0.12)),
        (6.5, 11.5, (0.20, 0.26, 0.34), 4, 3, (0.10, 0.14, 0.42)),
        (9.0, 9.4, (0.26, 0.28, 0.31), 3, 5, (0.34, 0.18, 0.10)),
        (7.0, 12.0, (0.18, 0.22, 0.33), 4, 3, (0.12, 0.30, 0.38)),
        (9.5, 10.2, (0.24, 0.26, 0.29), 3, 5, (0.10, 0.12, 0.36)),
    )
)

GREY_HOUSES = tuple(
    HouseFront(width, height, wall, storeys=storeys, bays=bays, glass=(0.52, 0.47, 0.42))
    for width, height, wall, storeys, bays in (
        (13.0, 12.0, (0.66, 0.70, 0.73), 4, 6),
        (11.0, 9.0, (0.56, 0.63, 0.70), 3, 5),
        (15.0, 14.0, (0.70, 0.72, 0.73), 5, 7),
        (14.0, 10.0, (0.60, 0.66, 0.72), 3, 6),
    )
)

SHOPPING_HOUSES = tuple(
    HouseFront(width, height, wall, storeys=storeys, bays=bays, shop=shop, glass=(0.58, 0.50, 0.42))
    for width, height, wall, storeys, bays, shop in (
        (9.0, 11.0, (0.62, 0.74, 0.82), 3, 4, (0.40, 0.26, 0.14)),
        (8.0, 12.5, (0.70, 0.76, 0.80), 4, 4, (0.16, 0.16, 0.58)),
        (10.0, 10.6, (0.54, 0.66, 0.80), 3, 5, (0.20, 0.42, 0.24)),
        (8.5, 12.0, (0.74, 0.78, 0.80), 4, 4, (0.14, 0.40, 0.66)),
        (9.0, 11.2, (0.60, 0.70, 0.76), 3, 4, (0.42, 0.18, 0.36)),
    )
)
