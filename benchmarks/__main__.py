"""`make bench`: prints the table that stands in benchmarks/README.md."""

from benchmarks.stages import results

if __name__ == "__main__":
    print("| stage | reference | × the reference's speed, median [low..high] of 7 rounds | goal | met |")
    print("|---|---|---|---|---|")
    for result in results():
        print(result.row())
