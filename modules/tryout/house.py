"""The house: which program answers at which port, and where each keeps its things."""

from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class House:
    """One try-out: the first port and the data folder; everything else follows from them."""

    port: int
    data: Path

    def address(self, offset: int) -> str:
        """The origin of the program at the first port + `offset`."""
        return f"http://localhost:{self.port + offset}"

    @property
    def broker(self) -> str:
        """The origin of the broker."""
        return self.address(0)

    @property
    def cultuurmonitor(self) -> str:
        """The origin of the Cultuurmonitor."""
        return self.address(1)

    @property
    def jeugdmonitor(self) -> str:
        """The origin of the Jeugdmonitor."""
        return self.address(2)

    @property
    def plusminmee(self) -> str:
        """The origin of PlusMinMee."""
        return self.address(3)

    @property
    def digital_keys(self) -> str:
        """The origin of the digital keys."""
        return self.address(4)

    @property
    def start_page(self) -> str:
        """The origin of the start page and the local inbox."""
        return self.address(5)

    @property
    def policies(self) -> Path:
        """The policies that belong to these ports."""
        return self.data / "policies"

    @property
    def inbox(self) -> Path:
        """Where every mail that leaves the broker comes to lie."""
        return self.data / "inbox"

    @property
    def logs(self) -> Path:
        """One file a program, new at every start."""
        return self.data / "log"

    @property
    def keys(self) -> Path:
        """The signing keys and the clients of the digital keys."""
        return self.data / "digital_keys"
