//! The graph as one HTML page. The nodes are in three columns: first commands and event stores, then channels and read
//! models, then consumers.

use std::fmt::Write as _;

use super::graph::{Graph, Kind, Node};

const WIDTH: usize = 240;
const HEIGHT: usize = 46;
const COLUMN: usize = 340;
const ROW: usize = 66;
const MARGIN: usize = 30;

const STYLE: &str = "body{font-family:sans-serif;margin:2rem}rect{fill:#fff;stroke:#555;stroke-width:1.5}\
.store rect{fill:#e8f1fb}.queue rect,.bus rect{fill:#fdf3dc}.consumer rect{fill:#e9f7e9}.read-model rect{fill:#f3eafa}\
text{font-size:13px;text-anchor:middle}.detail{font-size:11px;fill:#555}path{fill:none;stroke:#888;stroke-width:1.5}";

pub(super) fn page(graph: &Graph) -> String {
    let placed = place(graph);
    let columns = placed.iter().map(|(_, column, _)| column + 1).max().unwrap_or(1);
    let rows = placed.iter().map(|(_, _, row)| row + 1).max().unwrap_or(1);
    let (width, height) = (2 * MARGIN + (columns - 1) * COLUMN + WIDTH, 2 * MARGIN + (rows - 1) * ROW + HEIGHT);
    let title = escape(&graph.title);
    let mut svg = String::new();
    for edge in &graph.edges {
        let find =
            |id: &str| placed.iter().find(|(node, ..)| node.id == id).map(|(_, column, row)| position(*column, *row));
        let (Some((from_x, from_y)), Some((to_x, to_y))) = (find(&edge.from), find(&edge.to)) else { continue };
        let (start, end) = (from_x + WIDTH, to_x);
        let (from_y, to_y, middle) = (from_y + HEIGHT / 2, to_y + HEIGHT / 2, (start + end) / 2);
        let _ = writeln!(
            svg,
            "<path marker-end=\"url(#arrow)\" d=\"M{start} {from_y}C{middle} {from_y} {middle} {to_y} {end} {to_y}\"><title>{}</title></path>",
            escape(&edge.label)
        );
    }
    for (node, column, row) in &placed {
        let (x, y) = position(*column, *row);
        let (center, radius) = (x + WIDTH / 2, if node.kind == Kind::Consumer { HEIGHT / 2 } else { 4 });
        let (name, detail) = (escape(&node.name), escape(&node.detail));
        let name_y = if detail.is_empty() { y + 28 } else { y + 20 };
        let _ = writeln!(
            svg,
            "<g class=\"{}\"><rect x=\"{x}\" y=\"{y}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" rx=\"{radius}\"/>\
             <text x=\"{center}\" y=\"{name_y}\">{name}</text><text class=\"detail\" x=\"{center}\" y=\"{}\">{detail}</text></g>",
            class(node.kind),
            y + 36
        );
    }
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>{title}</title>\n<style>{STYLE}</style>\n\
         </head>\n<body>\n<h1>{title}</h1>\n<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\">\n<defs><marker id=\"arrow\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" \
         markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0L10 5L0 10z\" style=\"fill:#888\"/></marker></defs>\n\
         {svg}</svg>\n</body>\n</html>\n"
    )
}

/// Returns each node with its column and row.
fn place(graph: &Graph) -> Vec<(&Node, usize, usize)> {
    let mut rows = [0; 3];
    let nodes = graph.nodes.iter().map(|node| {
        let column = match node.kind {
            Kind::Command | Kind::Store => 0,
            Kind::Queue | Kind::Bus | Kind::ReadModel => 1,
            Kind::Consumer => 2,
        };
        let row = rows[column];
        rows[column] += 1;
        (node, column, row)
    });
    nodes.collect()
}

fn position(column: usize, row: usize) -> (usize, usize) {
    (MARGIN + column * COLUMN, MARGIN + row * ROW)
}

fn class(kind: Kind) -> &'static str {
    match kind {
        Kind::Command => "command",
        Kind::Store => "store",
        Kind::Queue => "queue",
        Kind::Bus => "bus",
        Kind::Consumer => "consumer",
        Kind::ReadModel => "read-model",
    }
}

/// Escapes a text for HTML and for Mermaid labels.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
