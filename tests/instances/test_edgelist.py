"""Edge lists as they are found: headers, directions, loops, damage."""

import gzip

import numpy as np
import pytest

from boundwise.core.errors import InputError, NotAvailableError
from boundwise.instances.edgelist import (
    EdgeList,
    edge_list_of,
    find_graph,
    read_edge_list,
)


def written(folder, text, name="g.txt"):
    path = folder / name
    if name.endswith(".gz"):
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text)
    return path


@pytest.mark.parametrize(
    "text",
    [
        "5 7\n7 9\n",
        "# a comment\n5\t7\n\n# another\n7\t9\n",
        "https://example.org/g.html\n# Nodes: 3\n5 7\n7 9\n",
        "u,v\n5,7\n7,9\n",
        "u,v,weight\n5,7,0.5\n7,9,1e3\n",
        "3 2\n5 7\n7 9\n",
        "% matrix market like\n5;7\r\n7;9",
    ],
)
def test_every_layout_gives_the_same_graph(tmp_path, text):
    for name in ("g.txt", "g.txt.gz"):
        graph = read_edge_list(written(tmp_path, text, name))
        assert graph.name == "g"
        assert graph.labels.tolist() == [5, 7, 9]
        assert graph.arcs.tolist() == [[0, 1], [1, 2]]


def test_a_first_arc_that_is_no_count_stays(tmp_path):
    graph = read_edge_list(written(tmp_path, "3 1\n5 7\n7 9\n"))
    assert graph.labels.tolist() == [1, 3, 5, 7, 9]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("# nothing\n", "no arcs"),
        ("1 2\n3 x\n", "g.txt:2: expected two node numbers"),
        ("1 2\n3\n", "g.txt:2"),
        ("1 99999999999999999999\n", "out of range"),
        ("1 2\n\x00\x01\n", "binary data"),
        ("", "empty"),
    ],
)
def test_damage_is_named(tmp_path, text, message):
    with pytest.raises(InputError, match=message):
        read_edge_list(written(tmp_path, text))


def test_a_truncated_gzip_file_is_refused(tmp_path):
    path = written(tmp_path, "1 2\n" * 1000, "g.txt.gz")
    path.write_bytes(path.read_bytes()[:-12])
    with pytest.raises(InputError, match="truncated"):
        read_edge_list(path)
    with pytest.raises(NotAvailableError, match="no file"):
        read_edge_list(tmp_path / "missing.txt")


def test_neighbourhoods_count_each_neighbour_once():
    # 0 -> 1 twice, 1 -> 0, a loop at 2, 2 -> 0; node 3 is alone.
    arcs = np.array([[0, 1], [0, 1], [1, 0], [2, 2], [2, 0]])
    graph = edge_list_of("g", 4, arcs)
    closed = graph.neighbourhoods()
    assert closed.toarray().tolist() == [
        [1, 1, 1, 0],
        [1, 1, 0, 0],
        [1, 0, 1, 0],
        [0, 0, 0, 1],
    ]
    out = graph.neighbourhoods(directed=True, closed=False)
    assert out.toarray().tolist() == [
        [0, 1, 0, 0],
        [1, 0, 0, 0],
        [1, 0, 0, 0],
        [0, 0, 0, 0],
    ]


def test_arcs_outside_the_graph_are_refused():
    with pytest.raises(InputError, match="nodes 0 to 1"):
        EdgeList("g", np.arange(2), np.array([[0, 2]]))
    with pytest.raises(InputError, match="shapes"):
        EdgeList("g", np.arange(2), np.array([0, 1]))


def test_graphs_are_found_by_name(tmp_path, monkeypatch):
    written(tmp_path, "1 2\n", "tiny.txt.gz")
    monkeypatch.setenv("BOUNDWISE_GRAPHS", f"{tmp_path / 'none'}:{tmp_path}")
    assert find_graph("tiny").name == "tiny.txt.gz"
    with pytest.raises(NotAvailableError, match="no graph 'other'"):
        find_graph("other")


@pytest.mark.parametrize(
    ("name", "nodes", "arcs", "edges", "loops"),
    [
        ("Email-Enron", 36692, 367662, 183831, 0),
        ("facebook_combined", 4039, 88234, 88234, 0),
        ("ca-GrQc", 5242, 28980, 14484, 12),
        ("email-Eu-core", 1005, 25571, 16064, 642),
    ],
)
def test_the_snap_graphs_have_their_published_sizes(name, nodes, arcs, edges, loops):
    try:
        path = find_graph(name)
    except NotAvailableError:
        pytest.skip("BOUNDWISE_GRAPHS names no folder with this graph")
    graph = read_edge_list(path)
    assert (graph.n_nodes, len(graph.arcs)) == (nodes, arcs)
    assert int((graph.arcs[:, 0] == graph.arcs[:, 1]).sum()) == loops
    open_sets = graph.neighbourhoods(closed=False)
    assert open_sets.nnz == 2 * edges
    assert abs(open_sets - open_sets.T).nnz == 0
