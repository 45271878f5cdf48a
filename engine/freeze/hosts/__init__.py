"""What hosts need beside the frozen files, and how each of them would answer: plain values in, texts and faults out."""
