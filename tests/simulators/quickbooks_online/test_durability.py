"""What was answered is in the file, whatever becomes of the process."""

from __future__ import annotations

import subprocess
import sys
import threading

import urllib3

from tests.simulators.quickbooks_online.driver import ROOT, Books


def test_everything_answered_survives_kill_9(start):
    simulator = start("--auto-approve")
    books = Books(simulator)
    answered: list[str] = []

    def write() -> None:
        for number in range(10_000):
            try:
                answer = books.post("customer", {"DisplayName": f"Customer {number}"})
            except urllib3.exceptions.HTTPError:
                return
            answered.append(answer.body["Customer"]["Id"])

    writer = threading.Thread(target=write)
    writer.start()
    while len(answered) < 50:
        writer.join(0.01)
    simulator.process.kill()
    writer.join()
    simulator.kill()
    books.simulator = start("--auto-approve")
    kept = {each["Id"] for each in books.found("SELECT * FROM Customer MAXRESULTS 1000")}
    assert set(answered) <= kept
    assert len(books.simulator.log()) == len(kept)


def test_a_restart_keeps_books_tokens_company_and_order_of_time(start):
    simulator = start("--auto-approve")
    books = Books(simulator)
    first = books.make("Customer", {"DisplayName": "Acme"})
    assert simulator.stop() == 0
    books.simulator = start("--auto-approve")
    assert books.read("Customer", first["Id"]) == first
    second = books.make("Customer", {"DisplayName": "Bolt"})
    assert int(second["Id"]) == int(first["Id"]) + 1
    assert second["MetaData"]["CreateTime"] > first["MetaData"]["CreateTime"]
    assert Books(books.simulator).realm == books.realm


def test_a_second_simulator_cannot_open_the_same_file(start, tmp_path):
    start()
    second = subprocess.run(
        [sys.executable, "-m", "simulators.quickbooks_online", "--data", tmp_path / "books.db"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=10,
        check=False,
    )
    assert second.returncode == 1
    assert "another simulator has them open" in second.stderr


def test_the_sample_and_the_name_are_options(start):
    books = Books(start("--auto-approve", "--sample", "--company-name", "Tea", "--realm-id", "42"))
    assert books.realm == "42"
    assert books.call("GET", "companyinfo/42").body["CompanyInfo"]["CompanyName"] == "Tea"
    assert len(books.found("SELECT * FROM Customer")) == 3
    assert books.simulator.log() == []


def test_parallel_writers_lose_nothing(books):
    def write(worker: int) -> None:
        for number in range(10):
            books.customer(f"Customer {worker}-{number}")

    workers = [threading.Thread(target=write, args=[worker]) for worker in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    found = books.found("SELECT * FROM Customer ORDERBY MetaData.LastUpdatedTime")
    assert len({each["Id"] for each in found}) == 40
    assert len({each["MetaData"]["LastUpdatedTime"] for each in found}) == 40
