"""How gunicorn serves the applications of this house: its worker, and what that worker reads and writes by itself.

Owns `AtOnceWorker`, gunicorn's threaded worker that answers on its own thread what waits for nobody, and the word between that
thread and an application (`at_once`). Does not own what an application can answer so, nor the settings of the server
(gunicorn.conf.py). gunicorn loads it before any application: it knows neither the broker, nor the modules, nor the look.
"""
