//! The colours of screen, pictures and plant book: one table, light and dark.
//!
//! Greys carry structure; colour is kept for state and for what the user is doing. Types have a muted hue beside their glyph and
//! are never told apart by colour alone. Texts of [`Palette::text`] and [`Palette::dim`] keep the contrast of WCAG AA on all
//! surfaces; [`Palette::faint`] does not and is no colour for information.

/// An opaque colour of sRGB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Rgb(pub [u8; 3]);

impl Rgb {
    /// From `0xRRGGBB`; bits above are left out.
    const fn hex(code: u32) -> Self {
        let [_, red, green, blue] = code.to_be_bytes();
        Self([red, green, blue])
    }

    /// Red, green, blue.
    pub const fn channels(self) -> [u8; 3] {
        self.0
    }
}

impl std::fmt::Display for Rgb {
    /// As CSS and SVG write it: `#1a5fd0`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

/// On what, and in which light, something is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Theme {
    /// Dark on light; what is printed.
    #[default]
    Light,
    /// Light on dark.
    Dark,
}

impl Theme {
    /// Its colours.
    pub const fn palette(self) -> &'static Palette {
        match self {
            Self::Light => &LIGHT,
            Self::Dark => &DARK,
        }
    }
}

/// The colours of a theme by what they are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Palette {
    /// Menu bar, tab bar, heads of panels.
    pub bar: Rgb,
    /// Panels.
    pub panel: Rgb,
    /// Fields and what lies deeper than its panel.
    pub inset: Rgb,
    /// Ground of plant, network and topology.
    pub canvas: Rgb,
    /// Dots of the grid on the canvas.
    pub grid: Rgb,
    /// Body of a block; ground of tables.
    pub block: Rgb,
    /// Head of a block; head of a table.
    pub block_head: Rgb,
    /// Frame of a block or a field.
    pub border: Rgb,
    /// Line between rows and parts.
    pub hairline: Rgb,
    /// Text.
    pub text: Rgb,
    /// Text beside the main one.
    pub dim: Rgb,
    /// Hints that nobody needs to read; never for information.
    pub faint: Rgb,
    /// Wires: 1.6 px acyclic, 2.4 px cyclic, dashed when inactive.
    pub wire: Rgb,
    /// Selection, focus, what the user does now.
    pub accent: Rgb,
    /// Ground of what is selected.
    pub accent_fill: Rgb,
    /// Errors and bad quality; always with a shape.
    pub bad: Rgb,
    /// Warnings and uncertain quality; always with a shape.
    pub warning: Rgb,
    /// Running, in order; always with a shape.
    pub running: Rgb,
    /// Hues of the types, the same in both themes.
    pub types: TypeColours,
}

/// Muted hues of the types, each with its own glyph.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TypeColours {
    /// BOOL ◆.
    pub bool: Rgb,
    /// Integers ■.
    pub integer: Rgb,
    /// REAL and LREAL ●.
    pub real: Rgb,
    /// Texts ○.
    pub text: Rgb,
    /// Date and time ⬡.
    pub date: Rgb,
    /// Structures and arrays ▤.
    pub structure: Rgb,
}

const TYPES: TypeColours = TypeColours {
    bool: Rgb::hex(0x8a_76_b8),
    integer: Rgb::hex(0x4a_8a_b8),
    real: Rgb::hex(0x3f_9a_86),
    text: Rgb::hex(0xa8_85_3f),
    date: Rgb::hex(0x9a_75_63),
    structure: Rgb::hex(0x7c_87_94),
};

/// Dark on light.
pub const LIGHT: Palette = Palette {
    bar: Rgb::hex(0xe6_e9_ec),
    panel: Rgb::hex(0xf3_f4_f6),
    inset: Rgb::hex(0xe9_ec_ef),
    canvas: Rgb::hex(0xf7_f8_f9),
    grid: Rgb::hex(0xda_de_e3),
    block: Rgb::hex(0xff_ff_ff),
    block_head: Rgb::hex(0xe8_eb_ef),
    border: Rgb::hex(0xb9_c0_c8),
    hairline: Rgb::hex(0xd3_d8_de),
    text: Rgb::hex(0x20_26_2d),
    dim: Rgb::hex(0x5a_64_6f),
    faint: Rgb::hex(0x98_a1_ab),
    wire: Rgb::hex(0x7b_85_90),
    accent: Rgb::hex(0x1a_5f_d0),
    accent_fill: Rgb::hex(0xdc_e8_fd),
    bad: Rgb::hex(0xc6_28_28),
    warning: Rgb::hex(0x96_58_00),
    running: Rgb::hex(0x4f_7a_5b),
    types: TYPES,
};

/// Light on dark.
pub const DARK: Palette = Palette {
    bar: Rgb::hex(0x17_1a_1e),
    panel: Rgb::hex(0x1f_23_28),
    inset: Rgb::hex(0x26_2b_31),
    canvas: Rgb::hex(0x1b_1f_24),
    grid: Rgb::hex(0x27_2c_33),
    block: Rgb::hex(0x2a_30_37),
    block_head: Rgb::hex(0x34_3b_43),
    border: Rgb::hex(0x4a_53_5d),
    hairline: Rgb::hex(0x33_3a_42),
    text: Rgb::hex(0xdc_e1_e6),
    dim: Rgb::hex(0xa5_af_b9),
    faint: Rgb::hex(0x6c_76_80),
    wire: Rgb::hex(0x7f_8a_95),
    accent: Rgb::hex(0x5b_9b_ff),
    accent_fill: Rgb::hex(0x1f_35_57),
    bad: Rgb::hex(0xff_6b_62),
    warning: Rgb::hex(0xe0_a0_3c),
    running: Rgb::hex(0x7f_b0_8c),
    types: TYPES,
};

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance of WCAG 2.2.
    fn luminance(colour: Rgb) -> f64 {
        let linear = |channel: u8| {
            let share = f64::from(channel) / 255.0;
            if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
        };
        let [red, green, blue] = colour.channels();
        0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
    }

    fn contrast(a: Rgb, b: Rgb) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn texts_and_states_can_be_read_on_every_surface() {
        for theme in [Theme::Light, Theme::Dark] {
            let palette = theme.palette();
            for ground in [palette.panel, palette.canvas, palette.block] {
                for ink in [palette.text, palette.dim, palette.accent, palette.bad, palette.warning] {
                    assert!(contrast(ink, ground) >= 4.5, "{theme:?}: {ink} on {ground}");
                }
                // Never a text: a dot or a shape, so 3 to 1 would do.
                assert!(contrast(palette.running, ground) >= 4.0, "{theme:?}: running on {ground}");
            }
            for ground in [palette.bar, palette.inset, palette.block_head, palette.accent_fill] {
                for ink in [palette.text, palette.dim] {
                    assert!(contrast(ink, ground) >= 4.5, "{theme:?}: {ink} on {ground}");
                }
            }
            for glyph in [palette.wire, TYPES.bool, TYPES.integer, TYPES.real, TYPES.text, TYPES.date, TYPES.structure]
            {
                assert!(contrast(glyph, palette.canvas) >= 3.0, "{theme:?}: {glyph} on the canvas");
            }
        }
    }

    #[test]
    fn a_colour_is_written_as_css_does() {
        assert_eq!(LIGHT.accent.to_string(), "#1a5fd0");
        assert_eq!(DARK.bad.channels(), [0xff, 0x6b, 0x62]);
    }
}
