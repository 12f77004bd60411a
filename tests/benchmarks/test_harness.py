"""The harness of the benchmarks: its arithmetic, what it takes for a wrong answer, and one second of measuring the broker."""

import http.server
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from benchmarks.contestants.ours import Ours
from benchmarks.cpu_time import cpu_seconds, family, resident_mib
from benchmarks.figures import Cell, Figures, order_of
from benchmarks.paths import PATHS
from benchmarks.peers_folder import install_debian_program
from benchmarks.picture import drawn
from benchmarks.rotation import QUICK, Pace, Run, run
from benchmarks.targets import reached
from benchmarks.wrk import Step, Take, Visit, WrongAnswerError, pay


def cell(contestant: str, turn: int, visits: int, cpu: float, path: str = "userinfo", **more: float) -> Cell:
    """A cell of one second by the clock."""
    return Cell(path=path, contestant=contestant, round=turn, visits=visits, seconds=1.0, cpu=cpu, **more)


class TestTheArithmetic:
    """Rates and ratios."""

    def test_a_rate_is_visits_by_the_servers_own_processor_time(self) -> None:
        assert cell("ours-sqlite", 0, 300, 0.5).rate == 600

    def test_the_time_of_a_database_apart_is_shown_apart(self) -> None:
        figures = Figures([cell("ours-postgresql", 0, 300, 0.5, database_cpu=0.25)])
        assert figures.rate("userinfo", "ours-postgresql") == 600
        assert figures.rate_with_database("userinfo", "ours-postgresql") == 400
        assert figures.has_database("userinfo", "ours-postgresql")

    def test_a_ratio_is_taken_within_a_round_and_the_median_of_the_rounds_counts(self) -> None:
        figures = Figures(
            [
                *(cell("ours-sqlite", turn, visits, 1.0) for turn, visits in enumerate((100, 50, 300))),
                *(cell("bare-flask", turn, visits, 1.0) for turn, visits in enumerate((200, 200, 200))),
            ]
        )
        assert figures.ratios("userinfo", "ours-sqlite", "bare-flask") == [0.25, 0.5, 1.5]
        assert figures.ratio("userinfo", "ours-sqlite", "bare-flask") == 0.5

    def test_a_ratio_beside_one_that_was_left_out_is_none(self) -> None:
        figures = Figures([cell("ours-sqlite", 0, 100, 1.0)])
        assert figures.ratio("userinfo", "ours-sqlite", "glewlwyd") is None

    def test_everybody_comes_first_once(self) -> None:
        names = ["a", "b", "c"]
        assert [order_of(names, turn)[0] for turn in range(3)] == names
        assert sorted(order_of(names, 1)) == names

    def test_a_target_that_was_not_measured_is_neither_reached_nor_missed(self) -> None:
        run = Run(Pace(1, 1), cells=[cell("ours-sqlite", 0, 300, 1.0), cell("oidc-provider-redis", 0, 100, 1.0)])
        found = {each.title: each for each in reached(run)}
        assert found["userinfo beside oidc-provider on Redis · SQLite"].reached
        assert found["userinfo beside oidc-provider on Redis · PostgreSQL"].reached is None

    def test_the_picture_says_in_words_what_it_shows(self) -> None:
        picture = drawn(Figures([cell("ours-sqlite", 0, 300, 1.0), cell("bare-flask", 0, 200, 1.0)]))
        assert "userinfo: Poortwachter, SQLite 1.50, bare Flask view 1.00." in picture
        assert "prefers-color-scheme: dark" in picture


class TestProcessorTime:
    """What /proc tells."""

    def test_the_time_of_a_child_counts(self) -> None:
        before = cpu_seconds((os.getpid(),))
        subprocess.run([sys.executable, "-c", "x = 0\nfor i in range(3_000_000): x += i"], check=True)
        assert cpu_seconds((os.getpid(),)) - before > 0.02

    def test_a_process_that_is_gone_has_no_family(self) -> None:
        assert family((os.getpid(),)) >= {os.getpid()}
        assert family((2**22 + 1,)) == set()

    def test_memory_is_told_in_mib(self) -> None:
        assert 5 < resident_mib(os.getpid()) < 2000


class _Fickle(http.server.BaseHTTPRequestHandler):
    """Answers a JSON object; after a while with another token than it should."""

    protocol_version = "HTTP/1.1"
    served = 0

    def do_GET(self) -> None:
        type(self).served += 1
        token = "always-the-same" if self.path == "/stuck" else f"token-{self.served}"
        body = json.dumps({"token": token}).encode()
        self.send_response(500 if self.path == "/late" and self.served > 40 else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_about: object) -> None:
        pass


@pytest.fixture
def fickle() -> Iterator[str]:
    """The address of a server that can be made to err."""
    _Fickle.served = 0
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Fickle)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module", autouse=True)
def wrk() -> str:
    """The program that asks; installed where it lacks."""
    return install_debian_program("wrk", "wrk")


class TestWhatIsAWrongAnswer:
    """One spoils the figure."""

    TOKEN = (Take("token", '"token": "([^"]+)"', new=True),)

    def one(self, path: str) -> Visit:
        return Visit(steps=(Step("GET", path, 200, taken=self.TOKEN),), at_most=20)

    def test_right_answers_are_counted(self, fickle: str) -> None:
        paid = pay(self.one("/good"), fickle, core=0, seconds=1, visitors=2)
        assert paid.visits == 40
        assert 0 < paid.seconds < 1.5

    def test_another_status_is_wrong(self, fickle: str) -> None:
        with pytest.raises(WrongAnswerError, match="another status than 200"):
            pay(self.one("/late"), fickle, core=0, seconds=1, visitors=3)

    def test_the_same_token_twice_is_wrong(self, fickle: str) -> None:
        with pytest.raises(WrongAnswerError, match="the same token again"):
            pay(self.one("/stuck"), fickle, core=0, seconds=1, visitors=1)

    def test_what_one_step_took_the_next_one_sends(self, fickle: str) -> None:
        visit = Visit(
            steps=(Step("GET", "/first", 200, taken=self.TOKEN), Step("GET", "/second?{token}", 200, taken=self.TOKEN)),
            collect="token",
            at_most=5,
        )
        paid = pay(visit, fickle, core=0, seconds=1, visitors=1)
        assert paid.collected == (tuple(f"token-{each}" for each in range(2, 11, 2)),)


class TestOneSecondOfTheBroker:
    """The whole way, with the broker alone on a small database."""

    def test_it_is_measured_and_every_answer_is_right(self) -> None:
        names = ("token-es256", "introspection", "sign-in")
        found = run(
            [lambda: Ours("sqlite", people=20)],
            [path for path in PATHS if path.name in names],
            QUICK,
            in_process=False,
            say=lambda _line: None,
        )
        figures = found.figures
        assert found.left_out == []
        for name in names:
            assert figures.rate(name, "ours-sqlite") > 10
        assert 20 < found.worker_mib["ours-sqlite"] < 500
