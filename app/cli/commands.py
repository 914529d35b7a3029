"""What `adelante forward`, `draw` and `export` take. What they do is in the modules they import when they run."""

from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand

from adelante.locale import LANGUAGES
from app.cli import usage
from app.cli.usage import UsageFault
from app.cli.words import Words

DTYPES = ("float32", "float64", "bfloat16", "float16")
TARGETS = ("pytorch", "sequential", "numpy", "curl", "json", "safetensors", "onnx")
THEMES = ("light", "dark")
FORMATS = ("safetensors", "state_dict", "onnx", "json", "pytorch", "numpy")


def lang_option(words: Words) -> Any:
    return typer.Option(None, "--lang", metavar="|".join(LANGUAGES), help=words("cli.help.lang"))


def _json_option(words: Words) -> Any:
    return typer.Option(False, "--json", help=words("cli.help.json"))


def _network_argument(words: Words) -> Any:
    return typer.Argument(None, metavar=words("cli.network"), help=words("cli.network.help"), show_default=False)


def _inputs_option(words: Words) -> Any:
    return typer.Option(None, "--inputs", "-i", metavar=words("cli.inputs"), help=words("cli.inputs.help"))


def _resize_option(words: Words) -> Any:
    return typer.Option(False, "--resize", help=words("cli.resize.help"))


def _dtype_option(words: Words) -> Any:
    return typer.Option(None, "--dtype", metavar="DTYPE", help=words("cli.dtype.help", known=", ".join(DTYPES)))


def _activation_option(words: Words) -> Any:
    return typer.Option(None, "--activation", metavar=words("cli.activation"), help=words("cli.activation.help"))


def _order_option(words: Words) -> Any:
    return typer.Option(None, "--order", metavar=words("cli.order"), help=words("cli.order.help"))


def _head_option(words: Words) -> Any:
    return typer.Option(None, "--head", metavar=words("cli.head"), help=words("cli.head.help"))


def _sizes_option(words: Words) -> Any:
    return typer.Option(None, "--sizes", metavar=words("cli.sizes"), help=words("cli.sizes.help"))


def _checked(words: Words, network: str | None, dtype: str | None, lang: str | None) -> str:
    """The network's file or name, which has to be there."""
    usage.check_language(lang)
    if dtype is not None:
        usage.one_of("--dtype", dtype, DTYPES)
    if network is None:
        raise UsageFault("cli.usage.missing", argument=words("cli.network"))
    return network


def forward(program: typer.Typer, words: Words, kind: type[TyperCommand]) -> None:
    @program.command("forward", cls=kind, help=words("cli.forward.help"))
    def command(
        network: str | None = _network_argument(words),
        inputs: list[str] | None = _inputs_option(words),
        dtype: str | None = _dtype_option(words),
        activation: str | None = _activation_option(words),
        order: str | None = _order_option(words),
        head: str | None = _head_option(words),
        sizes: str | None = _sizes_option(words),
        device: str | None = typer.Option(None, "--device", metavar="DEVICE", help=words("cli.device.help")),
        trace: bool | None = typer.Option(None, "--trace/--outputs", help=words("cli.trace.help")),
        resize: bool = _resize_option(words),
        npy: str | None = typer.Option(None, "--npy", metavar=words("cli.output"), help=words("cli.npy.help")),
        npz: str | None = typer.Option(None, "--npz", metavar=words("cli.output"), help=words("cli.npz.help")),
        digits: str = typer.Option("4", "--digits", metavar="N", help=words("cli.digits.help")),
        rows: str = typer.Option("20", "--rows", metavar="N", help=words("cli.rows.help")),
        as_json: bool = _json_option(words),
        lang: str | None = lang_option(words),
    ) -> None:
        target = _checked(words, network, dtype, lang)
        decimals, shown = usage.whole("--digits", digits, 1, 16), usage.whole("--rows", rows, 0, 999_999_999)
        from app.cli.forward import ForwardOptions, show_forward
        from app.cli.source import Wanted

        wanted = Wanted(target, inputs or [], dtype, activation, resize, order, head, sizes)
        show_forward(words, wanted, ForwardOptions(device, trace, decimals, shown, as_json, npy, npz))


def show(program: typer.Typer, words: Words, kind: type[TyperCommand]) -> None:
    @program.command("show", cls=kind, help=words("cli.show.help"))
    def command(
        network: str | None = _network_argument(words),
        whole: bool = typer.Option(False, "--all", help=words("cli.show.all.help")),
        activation: str | None = _activation_option(words),
        order: str | None = _order_option(words),
        head: str | None = _head_option(words),
        sizes: str | None = _sizes_option(words),
        as_json: bool = _json_option(words),
        lang: str | None = lang_option(words),
    ) -> None:
        target = _checked(words, network, None, lang)
        from app.cli.show import show_network
        from app.cli.source import Wanted

        show_network(
            words,
            Wanted(target, [], None, activation, order=order, head=head, sizes=sizes),
            folded=not whole,
            as_json=as_json,
        )


def explain(program: typer.Typer, words: Words, kind: type[TyperCommand]) -> None:
    @program.command("explain", cls=kind, help=words("cli.explain.help"))
    def command(
        network: str | None = _network_argument(words),
        cell: str | None = typer.Option(None, "--cell", "-c", metavar=words("cli.cell"), help=words("cli.cell.help")),
        inputs: list[str] | None = _inputs_option(words),
        resize: bool = _resize_option(words),
        row: str = typer.Option("0", "--row", metavar="N", help=words("cli.explain.row.help")),
        dtype: str | None = _dtype_option(words),
        activation: str | None = _activation_option(words),
        order: str | None = _order_option(words),
        head: str | None = _head_option(words),
        sizes: str | None = _sizes_option(words),
        digits: str = typer.Option("4", "--digits", metavar="N", help=words("cli.digits.help")),
        rows: str = typer.Option("10", "--rows", metavar="N", help=words("cli.explain.rows.help")),
        as_json: bool = _json_option(words),
        lang: str | None = lang_option(words),
    ) -> None:
        target = _checked(words, network, dtype, lang)
        if cell is None:
            raise UsageFault("cli.usage.no-cell")
        decimals, shown = usage.whole("--digits", digits, 1, 16), usage.whole("--rows", rows, 0, 999_999_999)
        number = usage.whole("--row", row, 0, 999_999_999)
        from app.cli.explain import ExplainOptions, explain_cell
        from app.cli.source import Wanted

        wanted = Wanted(target, inputs or [], dtype, activation, resize, order, head, sizes)
        explain_cell(words, wanted, ExplainOptions(cell, number, decimals, shown, as_json))


def draw(program: typer.Typer, words: Words, kind: type[TyperCommand]) -> None:
    @program.command("draw", cls=kind, help=words("cli.draw.help"))
    def command(
        network: str | None = _network_argument(words),
        output: str | None = typer.Option(
            None, "--output", "-o", metavar=words("cli.output"), help=words("cli.output.help")
        ),
        inputs: list[str] | None = _inputs_option(words),
        resize: bool = _resize_option(words),
        row: str = typer.Option("0", "--row", metavar="N", help=words("cli.explain.row.help")),
        cell: str | None = typer.Option(
            None, "--cell", "-c", metavar=words("cli.cell"), help=words("cli.draw.cell.help")
        ),
        width: str = typer.Option("1000", "--width", metavar="N", help=words("cli.draw.width.help")),
        scale: str = typer.Option("2", "--scale", metavar="N", help=words("cli.draw.scale.help")),
        theme: str = typer.Option("light", "--theme", metavar="|".join(THEMES), help=words("cli.draw.theme.help")),
        numbers: bool = typer.Option(True, "--numbers/--no-numbers", help=words("cli.draw.numbers.help")),
        dtype: str | None = _dtype_option(words),
        activation: str | None = _activation_option(words),
        order: str | None = _order_option(words),
        head: str | None = _head_option(words),
        sizes: str | None = _sizes_option(words),
        lang: str | None = lang_option(words),
    ) -> None:
        target = _checked(words, network, dtype, lang)
        usage.one_of("--theme", theme, THEMES)
        pixels, times = usage.whole("--width", width, 320, 4096), usage.whole("--scale", scale, 1, 4)
        number = usage.whole("--row", row, 0, 999_999_999)
        from app.cli.draw import DrawOptions, draw_pass
        from app.cli.source import Wanted

        wanted = Wanted(target, inputs or [], dtype, activation, resize, order, head, sizes)
        draw_pass(words, wanted, DrawOptions(output, pixels, times, theme, numbers, cell, number))  # type: ignore[arg-type]


def presets(program: typer.Typer, words: Words, kind: type[TyperCommand]) -> None:
    @program.command("presets", cls=kind, help=words("cli.presets.help"))
    def command(
        name: str | None = typer.Argument(
            None, metavar=words("cli.preset"), help=words("cli.preset.help"), show_default=False
        ),
        digits: str = typer.Option("4", "--digits", metavar="N", help=words("cli.digits.help")),
        as_json: bool = _json_option(words),
        lang: str | None = lang_option(words),
    ) -> None:
        usage.check_language(lang)
        decimals = usage.whole("--digits", digits, 1, 16)
        from app.cli.presets import show_preset, show_presets

        if name is None:
            show_presets(words, as_json=as_json)
        else:
            show_preset(words, name, decimals, as_json=as_json)


def export(program: typer.Typer, words: Words, kind: type[TyperCommand]) -> None:
    @program.command("export", cls=kind, help=words("cli.export.help", known=", ".join(TARGETS)))
    def command(
        network: str | None = _network_argument(words),
        to: str | None = typer.Option(None, "--to", "-t", metavar=words("cli.to"), help=words("cli.to.help")),
        output: str | None = typer.Option(
            None, "--output", "-o", metavar=words("cli.output"), help=words("cli.output.help")
        ),
        inputs: list[str] | None = _inputs_option(words),
        dtype: str | None = _dtype_option(words),
        activation: str | None = _activation_option(words),
        order: str | None = _order_option(words),
        head: str | None = _head_option(words),
        sizes: str | None = _sizes_option(words),
        url: str | None = typer.Option(None, "--url", metavar="URL", help=words("cli.url.help")),
        as_json: bool = _json_option(words),
        lang: str | None = lang_option(words),
    ) -> None:
        target = _checked(words, network, dtype, lang)
        format = usage.one_of("--to", to if to is not None else _target_of(output), TARGETS)
        from app.cli.export import ExportOptions, write_export
        from app.cli.source import Wanted

        wanted = Wanted(target, inputs or [], dtype, activation, order=order, head=head, sizes=sizes)
        write_export(words, wanted, ExportOptions(format, output, url, as_json))


def convert(program: typer.Typer, words: Words, kind: type[TyperCommand]) -> None:
    @program.command("convert", cls=kind, help=words("cli.convert.help"))
    def command(
        network: str | None = _network_argument(words),
        output: str | None = typer.Argument(
            None, metavar=words("cli.output"), help=words("cli.convert.output.help"), show_default=False
        ),
        to: str | None = typer.Option(None, "--to", "-t", metavar=words("cli.to"), help=words("cli.convert.to.help")),
        force: bool = typer.Option(False, "--force", "-f", help=words("cli.force.help")),
        dtype: str | None = _dtype_option(words),
        activation: str | None = _activation_option(words),
        order: str | None = _order_option(words),
        head: str | None = _head_option(words),
        sizes: str | None = _sizes_option(words),
        lang: str | None = lang_option(words),
    ) -> None:
        target = _checked(words, network, dtype, lang)
        if output is None:
            raise UsageFault("cli.usage.missing", argument=words("cli.output"))
        if to is not None:
            usage.one_of("--to", to, FORMATS)
        from app.cli.convert import ConvertOptions, format_of
        from app.cli.convert import convert as convert_file
        from app.cli.source import Wanted

        wanted = Wanted(target, [], dtype, activation, order=order, head=head, sizes=sizes)
        convert_file(words, wanted, ConvertOptions(format_of(output, to), output, force))  # type: ignore[arg-type]


def _target_of(output: str | None) -> str:
    """What a file's ending says of what belongs in it. Raises UsageFault where it says nothing."""
    known = {".json": "json", ".safetensors": "safetensors", ".onnx": "onnx", ".py": "pytorch", ".sh": "curl"}
    suffix = Path(output).suffix.lower() if output is not None else ""
    if suffix not in known:
        raise UsageFault("cli.usage.no-target", known=", ".join(TARGETS))
    return known[suffix]
