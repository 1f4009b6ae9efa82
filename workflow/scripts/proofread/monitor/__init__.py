"""What a run does, recorded while it runs and shown in another terminal."""
