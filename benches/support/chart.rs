//! Charts of any size, always the same for the same size.

use std::fmt::Write as _;

use plantweave::model::Plan;
use plantweave::model::fixture::{self, Dice};

/// A plan with everything on its top chart: rows and columns of equal blocks, about as many of each, each block with this many
/// links from blocks up to three columns to its left and up to two rows away; one link in twenty runs back.
pub fn chart(n_blocks: usize, links_a_block: usize) -> Plan {
    let mut text = String::from("component Unit 1.0 { ");
    for port in 0..links_a_block.max(4) {
        _ = write!(text, "in i{port} I2 = 0; out q{port} I2; ");
    }
    text.push_str("}\n");
    let n_rows = (1..).find(|rows| rows * rows >= n_blocks).unwrap_or(1);
    let mut dice = Dice::new(0x5eed);
    for block in 0..n_blocks {
        let (column, row) = (block / n_rows, block % n_rows);
        _ = writeln!(text, "B{block}: Unit at {} {}", column * 320, row * 200 + dice.below(8) * 4);
    }
    for block in 0..n_blocks {
        for input in 0..links_a_block {
            let columns = (1 + dice.below(3)) * n_rows;
            let rows = dice.below(5);
            let back = dice.below(20) == 0;
            let column = if back { block + columns } else { block.wrapping_sub(columns) };
            let provider = (column + rows).wrapping_sub(2);
            if provider < n_blocks && provider != block {
                _ = writeln!(text, "B{provider}.q{} -> B{block}.i{input}", dice.below(4));
            }
        }
    }
    fixture::plan(&text)
}
