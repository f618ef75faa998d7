"""The house is as small as it means to be."""

from tests.tools.sizes import constants, sizes


def test_nothing_is_larger_than_it_may_be():
    large = {name: (count, limit) for name, (count, limit) in sizes().items()
             if count > limit}
    assert not large, "make it smaller, or say why it must grow"


def test_lines_and_constants_are_counted(tmp_path):
    folder = tmp_path / "helpers" / "handwriting"
    folder.mkdir(parents=True)
    (tmp_path / "tests").mkdir()
    (tmp_path / "helpers" / "one.py").write_text("a = 1\n\n")
    module = folder / "two.py"
    module.write_text('LEFT, TOP = 2, -3.5\nWIDE = (1, 2 * 3)\nNAME = "ink"\n'
                      "PARTS = {4: 5}\nsmall = 6\nMADE = max(7, 8)\n")
    assert [count for count, _ in sizes(tmp_path).values()] == [2, 8, 0, 4]
    assert "two.TOP" in set(constants([module]))
