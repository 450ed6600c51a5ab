"""Up is repeatable and survives anything; down leaves nothing behind and loses nothing."""

from __future__ import annotations

import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
import redis

from apps.runtime import bringup, processes, suite, supervision
from apps.runtime.program import Program
from config import env
from tests.support.waiting import eventually


def client() -> redis.Redis:
    return redis.Redis.from_url(env.part_url("redis"), decode_responses=True)


def pid_of(name: str) -> int:
    return int(supervision.states()[name]["pid"])


def kill(*pids: int) -> None:
    victims = [psutil.Process(pid) for pid in pids]
    for victim in victims:
        victim.send_signal(signal.SIGKILL)
    psutil.wait_procs(victims, timeout=10)


def test_up_returns_when_the_part_really_answers(redis_part: Program) -> None:
    suite.bring_up([redis_part])
    with client() as connection:
        assert connection.ping()
        assert connection.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


def test_up_twice_leaves_the_running_process_alone(redis_part: Program) -> None:
    suite.bring_up([redis_part])
    first = pid_of("redis")
    suite.bring_up([redis_part])
    assert pid_of("redis") == first


def test_down_leaves_no_process_and_up_finds_the_data_again(redis_part: Program) -> None:
    suite.bring_up([redis_part])
    with client() as connection:
        connection.set("kept", "yes")
    assert suite.take_down() == 1
    assert processes.left_over() == []
    assert processes.port_is_free(env.part_port("redis"))
    suite.bring_up([redis_part])
    with client() as connection:
        assert connection.get("kept") == "yes"


def test_down_twice_is_no_error(redis_part: Program) -> None:
    suite.bring_up([redis_part])
    suite.take_down()
    assert suite.take_down() == 0


def test_up_works_after_kill_9_of_everything(redis_part: Program) -> None:
    suite.bring_up([redis_part])
    with client() as connection:
        connection.set("kept", "yes")
    kill(*[process.pid for process in processes.left_over()])
    suite.bring_up([redis_part])
    with client() as connection:
        assert connection.get("kept") == "yes"


def test_up_ends_what_a_killed_supervisor_left_running_and_starts_anew(redis_part: Program) -> None:
    suite.bring_up([redis_part])
    orphan = pid_of("redis")
    kill(int(supervision.pid_file().read_text()))
    assert psutil.pid_exists(orphan)
    suite.bring_up([redis_part])
    assert pid_of("redis") != orphan
    assert [p.pid for p in processes.left_over() if p.name().startswith("valkey")] == [pid_of("redis")]


def test_down_ends_what_a_killed_supervisor_left_running(redis_part: Program) -> None:
    suite.bring_up([redis_part])
    kill(int(supervision.pid_file().read_text()))
    assert suite.take_down() > 0
    assert processes.left_over() == []


def test_a_stale_pid_file_of_a_living_stranger_does_not_keep_the_supervisor_from_starting(
    redis_part: Program,
) -> None:
    supervision.pid_file().write_text(str(os.getppid()))
    supervision.socket_file().touch()
    suite.bring_up([redis_part])
    assert pid_of("redis")
    assert psutil.pid_exists(os.getppid())


def test_a_part_that_dies_is_started_again_by_the_supervisor(redis_part: Program) -> None:
    suite.bring_up([redis_part])
    first = pid_of("redis")
    kill(first)
    suite.Start([redis_part], [], notify=lambda _: None, started=[]).run()
    assert pid_of("redis") not in {0, first}


def test_processes_of_another_instance_are_not_ours(
    redis_part: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    suite.bring_up([redis_part])
    with monkeypatch.context() as patch:
        patch.setenv("RUN_DIR", os.environ["RUN_DIR"] + "-other")
        assert processes.left_over() == []
    assert processes.left_over()


def test_a_state_folder_deeper_than_a_socket_path_may_be_works(
    redis_part: Program, instance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervision, "LONGEST_SOCKET", 10)
    suite.bring_up([redis_part])
    assert supervision.socket_file().parent != instance
    assert supervision.socket_file().parent.stat().st_mode & 0o077 == 0
    assert pid_of("redis")
    suite.take_down()


def test_two_ups_at_once_end_in_one_running_suite(manage) -> None:
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda _: manage("up", "--parts"), range(2)))
    assert [d.returncode for d in done] == [0, 0], [d.stdout for d in done]
    assert manage("status", "--json").stdout.count('"name": "redis"') == 1


def test_who_has_to_wait_for_another_command_is_told_so(instance: Path, capsys) -> None:
    said: list[str] = []

    def says(text: str) -> bool:
        said.append(capsys.readouterr().out)
        return text in "".join(said)

    second = threading.Thread(target=bringup.down)
    with suite.exclusive():
        second.start()
        eventually(lambda: says("waiting for another up, down or restore of this instance"), seconds=20)
        assert not says("nothing was running")
    second.join()
    assert says("nothing was running")
